"""The pool of inhibition: it counts the active units, and moves its level until k are left, or near it.

With e = (n - k) / (n + k), and g its gain,

    d tonic/dt = g e / tau_i            adaptive (the default): once per loop time g is halved if e changed its sign,
                                        and else multiplied by gain_growth; fixed: g stays as it is (one variable, one
                                        gain: Wang 2010, IEEE Trans Neural Netw 21:1140)
    tau_i d tonic/dt = s n / k - tonic  proportional: an inhibitory neuron that follows what it hears, as the anterior
                                        paired lateral neuron of the fly does (Lin et al. 2014, Nat Neurosci 17:559); n
                                        is then near k, as far as the strength s is right for the stimulus

A decision counts once n = k has lasted for `hold`.
"""

from __future__ import annotations

from selective_firing.circuits.time_step import ORDER, Pathway

__all__ = ["COMPETE", "INHIBITION", "START", "SUM_INPUTS", "WANTED"]

INHIBITION = """
dtonic/dt = slope : 1                   # slow inhibition searches for a level between the k-th drive and the next
slope : Hz                              # g e / tau_i
z : 1                                   # inhibition: slow, plus a fast part that makes up for the membrane's lag
gain : 1                                # g
surplus : 1                             # e = (n - k) / (n + k) as the loop saw it last
side : 1                                # the last that was not 0
n : integer                             # units active now
n_seen : integer                        # units active as the loop sees it, loop_delay later
nearest : 1                             # smallest |n - k| at any overshoot, k before the first
since_onset : integer                   # steps since the stimulus came on (`step`: since the competition began)
since_correction : integer              # steps since the loop last corrected itself
silent_steps : integer                  # steps since inhibition was all gone
steady_steps : integer                  # steps since n = k; of the proportional controller: since n last changed
n_before : integer                      # units active in the step before
start_level : 1                         # a level of inhibition above every drive
n_flips : integer                       # times that a unit became active or silent
n_recruited : integer                   # units that became active since the onset, once in each competition
tau_i : second (shared, constant)
phasic_time : second (shared, constant) # z = tonic + phasic_time * slope; dt / (1 - exp(-dt / tau_m)) times phasic
initial_gain : 1 (shared, constant)
gain_growth : 1 (shared, constant)
loop_steps : integer (shared, constant) # loop_time / dt
delay_steps : integer (shared, constant)    # loop_delay / dt
max_steps : integer (shared, constant)  # max_settle / dt
rest_steps : integer (shared, constant) # without inhibition, after which nothing more becomes active
hold_steps : integer (shared, constant) # hold / dt
adapts : 1 (shared, constant)           # 1: the gain follows the loop's overshoots; 0: it is fixed
proportional : 1 (shared, constant)     # 1: inhibition follows n; 0: the loop corrects it until n = k
pool_strength : 1 (shared, constant)    # of the first: its level at n = k, relative to start_level
starts_above : 1 (shared, constant)     # 1: inhibition starts above every drive; 0: it builds up from zero
per_input : 1 (shared, constant)        # level at which it starts for each unit of the inputs' sum
input_sum : 1                           # of the stimulus, if inhibition starts by it; else 0
bound : 1 (shared, constant)            # max_i |w_in_i|: no drive exceeds bound * contrast + bias_bound
bias_bound : 1 (shared, constant)       # max_i b_i, at least 0
"""
"""The pool, besides `presentation.CONDUCTOR`."""
WANTED = """
wanted = k : integer                    # units that are to win
"""
"""Both unless lateral synapses explain away."""

COMPETE = """
# time passes
step = step + 1
since_correction = since_correction + 1
since_onset = since_onset + 1

# the loop sees n as it is; with a delay it looks one step after a correction is over, and acts delay_steps later
round_trip = loop_steps + int(delay_steps > 0)
looks = delay_steps == 0 or since_correction == round_trip
n_seen = int(looks) * n + (1 - int(looks)) * n_seen

# once per round trip: e = (n - k) / (n + k);  g <- g / 2 if e changed its sign, else, but at e = 0, g <- gain_growth g,
#   but no more than brings inhibition from its start to nothing within tau_i
corrects = since_correction >= round_trip + delay_steps
surplus_now = (n_seen - wanted) / (1.0 * (n_seen + wanted))
holds = delay_steps == 0 or corrects and surplus == 0
overshot = corrects and surplus_now * side < 0
grows = not overshot and step > 1 and surplus_now != 0
changed = 1 + adapts * int(corrects) * (int(overshot) * (-0.5) + int(grows) * (gain_growth - 1))
gain = clip(gain * changed, 0, clip(initial_gain, 1, inf) * start_level)
surplus = int(corrects) * surplus_now + (1 - int(corrects)) * surplus
side = side + int(corrects and surplus_now != 0) * (surplus_now - side)
since_correction = since_correction * int(not corrects)

# dtonic/dt = g e / tau_i for one loop time, not below the rounding error of the drives;  z = tonic + phasic dtonic/dt
#   (proportional: tonic follows what n units excite, with time constant tau_i)
searches = int(since_correction < loop_steps) * gain * surplus / tau_i
follows = (pool_strength * start_level * n / wanted - tonic) / clip(tau_i, dt, inf * second)
slope = clip(searches * int(proportional == 0) + follows * int(proportional > 0), (faintest - tonic) / dt, inf * Hz)
z = clip(tonic + phasic_time * slope, faintest, inf)

# a decision counts once n = k has lasted for longer than hold;  a proportional pool's once n has not changed so long
stays = proportional == 0 and n_seen == wanted or proportional > 0 and n == n_before
steady_steps = (steady_steps + 1) * int(stays)
n_before = n

# over: at n = k;  or late, at the nearest n there was;  or once inhibition is gone and nothing more becomes active
miss = abs(1.0 * n - wanted)
nearest = int(overshot) * clip(nearest, 0, miss) + (1 - int(overshot)) * nearest
silent = tonic <= faintest + 1e-12 * start_level and n < wanted and step > 1
silent_steps = (silent_steps + 1) * int(silent and proportional == 0)
late = step >= max_steps and (miss <= nearest or step >= 2 * max_steps)
over = holds and stays and steady_steps > hold_steps or late or silent_steps > rest_steps or presentation < 0
"""

START = """
tonic = clip(starts_above * start_level + per_input * input_sum, faintest, inf)
gain = initial_gain * start_level
surplus = -1
side = -1
slope = -gain / tau_i * int(starts_above > 0 or per_input > 0)
z = clip(tonic + phasic_time * slope, faintest, inf)
n = 0
n_seen = 0
nearest = k
since_correction = 0
silent_steps = 0
steady_steps = 0
n_before = 0
"""
"""A competition begins, with inhibition above every drive."""

SUM_INPUTS = {
    "forget_sum": Pathway(ORDER.CLEAR, "decide", "input_sum_pre = 0"),
    "sum_inputs": Pathway(ORDER.POWER, "decide", "input_sum_pre += x_post"),
}
"""Conductor to stimulus, if inhibition starts by what the inputs fire."""
