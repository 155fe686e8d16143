"""The rate circuit on one page: what each population holds, and what happens in which order.

LEARNER, CONDUCTOR, NEXT and what learns and shows stimuli serve the spiking circuit too.

One presentation, driven by a single step counter:

1. *onset*: the stimulus is loaded; the active inputs drive the hidden units; inhibition starts above all drives;
2. *compete*: inhibition is released, or grows, until exactly k units are active;
3. *decide*: the winners predict the stimulus, the error is fed back to them, and their synapses learn.

Steps 3 and 1 of the next presentation share a time step, so a presentation lasts as long as its competition.
"""

STIMULUS = """
x : 1                                   # activity of the input
x_mean : 1 (constant)                   # its mean over the training patterns
err : 1                                 # error neuron: x - x_mean - what the winners predict
fresh : boolean (linked)                # a stimulus comes on in this step
"""

DRIVE = """
drive : 1                               # w_in . (x - x_mean) + b
"""

LEARNER = """
background : 1                          # the part of the drive there without a stimulus, b - w_in . x_mean
b : 1                                   # bias: an excitable unit has a high one
delta : 1                               # the error as the unit's own weights see it
hebb : 1                                # rate of learning times the winner's rate
echo : 1                                # rate of learning times the winner's delta
sensitivity : 1 (constant)              # to inhibition; the same for all but for threshold_cv
fresh : boolean (linked)
rate_of_learning : 1 (linked)
err_on_mean : 1 (linked)
stimulus_on_mean : 1 (linked)
tau_m : second (shared, constant)
plastic : 1 (shared, constant)          # 1: synapses learn
tied : 1 (shared, constant)             # 1: both matrices learn from both Hebbian products
bias_power : 1 (shared, constant)       # squared strength of the constant input that the bias weighs
"""
"""What a hidden unit of either circuit has to learn with."""

HIDDEN = (
    DRIVE
    + LEARNER
    + """
du/dt = (drive{kick} - subtractive * sensitivity * z - u) / tau_m : 1
firing : integer                        # 1 while the unit fires
recruited : integer                     # 1 once it has fired in this presentation
z : 1 (linked)
subtractive : 1 (shared, constant)      # 1: inhibition acts on the membrane; 0: it sets the threshold
"""
)

NOISY = """
kick : 1
kick_amplitude : 1 (shared, constant)
contrast : 1 (linked)
row : integer (linked)
"""

CONDUCTOR = """
step : integer                          # steps since onset
row : integer                           # steps since the simulation began
fresh : boolean                         # the next stimulus comes on
presentation : integer                  # number of the stimulus, -1 before the first
power : 1                               # squared norm of the stimulus about the mean
contrast : 1                            # its root
squared_error : 1
err_on_mean : 1                         # err . x_mean
stimulus_on_mean : 1                    # (x - x_mean) . x_mean
rate_of_learning : 1
diverged : boolean                      # the error exploded while learning
adapt : 1                               # step of homeostasis
k : integer (shared, constant)
n_presentations : integer (shared, constant)
faintest : 1 (shared, constant)         # the rounding error of the drives
mean_power : 1 (shared, constant)
learning_rate : 1 (shared, constant)
learning_rate_change : 1 (shared, constant)
homeostasis : 1 (shared, constant)
duty : 1 (shared, constant)             # share of stimuli that a unit should win, k / n_hidden
"""
"""What leads either circuit from one stimulus to the next."""

INHIBITION = (
    CONDUCTOR
    + """
dtonic/dt = slope : 1                   # slow inhibition searches for a level between the k-th drive and the next
slope : Hz
z : 1                                   # inhibition: slow, plus a fast part that makes up for the membrane's lag
gain : 1
surplus : 1                             # (n - k) / (n + k) as the loop saw it last
n : integer                             # units active now
n_seen : integer                        # units active as the loop sees it, loop_delay later
nearest : 1                             # smallest |n - k| since inhibition first overshot
lap : integer                           # steps since the loop last corrected itself
silent_steps : integer                  # steps since inhibition was all gone
start_level : 1                         # a level of inhibition above every drive
n_flips : integer
n_recruited : integer
tau_i : second (shared, constant)
phasic_time : second (shared, constant)
initial_gain : 1 (shared, constant)
gain_growth : 1 (shared, constant)
loop_steps : integer (shared, constant)
delay_steps : integer (shared, constant)
max_steps : integer (shared, constant)
rest_steps : integer (shared, constant)
starts_above : 1 (shared, constant)
bound : 1 (shared, constant)            # no drive exceeds bound * contrast + bias_bound
bias_bound : 1 (shared, constant)
"""
)

COMPETE = """
step = step + 1
lap = lap + 1
row = (row + 1) % NOISE_ROWS
answered = loop_steps + int(delay_steps > 0)
sees = delay_steps == 0 or lap == answered
n_seen = int(sees) * n + (1 - int(sees)) * n_seen
corrects = lap >= answered + delay_steps
surplus_now = (n_seen - k) / (1.0 * (n_seen + k))
holds = delay_steps == 0 or corrects and surplus == 0
overshot = corrects and surplus_now * surplus < 0
gain = gain * (1 + int(corrects) * (int(overshot) * (-0.5) + int(not overshot and step > 1) * (gain_growth - 1)))
surplus = int(corrects) * surplus_now + (1 - int(corrects)) * surplus
lap = lap * int(not corrects)
slope = int(lap < loop_steps) * clip(gain * surplus / tau_i, (faintest - tonic) / dt, inf * Hz)
z = clip(tonic + phasic_time * slope, faintest, inf)
miss = abs(1.0 * n - k)
nearest = int(overshot) * clip(nearest, 0, miss) + (1 - int(overshot)) * nearest
silent_steps = (silent_steps + 1) * int(tonic <= faintest + 1e-12 * start_level and n < k and step > 1)
late = step >= max_steps and (miss <= nearest or step >= 2 * max_steps)
{over} = holds and n_seen == k or late or silent_steps > rest_steps or presentation < 0
"""

NEXT = """
diverged = learning_rate > 0 and not squared_error <= EXPLODED * clip(contrast ** 2, mean_power, inf)
contrast = sqrt(power)
step = 0
squared_error = 0
err_on_mean = 0
stimulus_on_mean = 0
presentation = presentation + 1
rate_of_learning = clip(learning_rate + learning_rate_change * presentation, 0, inf) / clip(power, mean_power, inf)
power = 0
adapt = homeostasis * int(presentation > 0)
"""

COMPETITION = """
tonic = clip(starts_above * start_level, faintest, inf)
gain = initial_gain * start_level
surplus = -1
slope = -gain / tau_i * int(starts_above > 0)
z = clip(tonic + phasic_time * slope, faintest, inf)
n = 0
n_seen = 0
nearest = k
lap = 0
silent_steps = 0
"""
"""How a competition begins, with inhibition above every drive."""

ONSET = NEXT + "start_level = bound * contrast + bias_bound" + COMPETITION + "n_flips = 0\nn_recruited = 0\n"

RECRUIT = """
n_post += 1 - 2 * firing_pre
n_flips_post += 1
n_recruited_post += 1 - recruited_pre
"""

SCORE = """
squared_error_pre += err_post ** 2
err_on_mean_pre += err_post * x_mean_post
stimulus_on_mean_pre += (x_post - x_mean_post) * x_mean_post
"""

CLEAR = """
x_post = 0
err_post = -x_mean_post
"""

LOAD = """
shown = stimuli((presentation_pre + 1) * second, j)
x_post += shown
err_post += shown
"""

ADAPT = """
b_post += adapt_pre * (duty_pre - firing_post)
background_post += adapt_pre * (duty_pre - firing_post)
"""

RESET = """
drive_post = background_post
u_post = 0
firing_post = 0
recruited_post = 0
delta_post = 0
"""

WINS = {"win": "fresh and firing == 1", "learn": "fresh and firing == 1 and plastic > 0"}
"""Events of the winners."""

LEARN = """
hebb = rate_of_learning * {rate}
echo = rate_of_learning * delta
b += echo * bias_power
background += echo * bias_power - tied * hebb * err_on_mean - echo * stimulus_on_mean
"""

MONITORS = {
    "decisions": [
        "presentation", "n", "step", "tonic", "gain", "start_level", "squared_error", "n_flips", "n_recruited"
    ],
    "winners": ["i", "drive"],
}  # fmt: skip
"""What is recorded of each presentation, and of each winner."""
