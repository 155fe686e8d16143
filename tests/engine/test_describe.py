"""What `describe` prints is the network that is built: its equations, events, pathways in their order, constants."""

from __future__ import annotations

import re

import brian2 as b2
import pytest

from selective_firing import RateParameters, SpikingParameters, describe
from selective_firing.engine.describe import SLOTS, _example
from selective_firing.engine.session import borrowed_session

CIRCUITS = {
    "rate": RateParameters(),
    "rate, all options": RateParameters(noise=0.1, threshold_cv=0.1, loop_delay=2, n_cycles=3, inhibition="threshold"),
    "spiking": SpikingParameters(),
    "spiking, a conductance per cell": SpikingParameters(conductance="own"),
    "spiking, all options": SpikingParameters(noise=0.1, input="poisson", readout="count", n_interneurons=3),
}


@pytest.fixture(scope="module", params=CIRCUITS)
def circuit(request):
    """Parameters, what is printed of their circuit, and the network; tests only read it."""
    parameters = CIRCUITS[request.param]
    with borrowed_session("numpy"):
        return parameters, describe(parameters), _example(parameters, 3, 1.0)


def block(text: str, title: str) -> list[str]:
    """Return the lines below a title, up to the next blank line."""
    return text[text.index(f"\n{title}") + 1 :].partition("\n\n")[0].splitlines()[1:]


def code_of(obj) -> str:
    if type(obj).__name__ == "Resetter":
        return obj.group.event_codes[obj.event]
    return obj.code if hasattr(obj, "code") else obj.abstract_code


def test_every_population_has_exactly_its_equations_and_events(circuit):
    _, text, network = circuit
    groups = [obj for obj in network.objects if isinstance(obj, b2.NeuronGroup)]
    assert len(groups) == text.count("\nPopulation ") >= 3
    for group in groups:
        lines = block(text, f"Population {group.name}:")
        end = lines.index("  events")
        printed = b2.Equations("\n".join(line.partition("#")[0] for line in lines[:end]))
        assert dict(printed.eq_expressions) == dict(group.equations.eq_expressions)
        assert printed.diff_eq_names == group.equations.diff_eq_names
        for name, equation in group.equations.items():
            if name not in ("xi", "t_in_timesteps"):
                assert (printed[name].dim, printed[name].flags) == (equation.dim, equation.flags)
        assert dict(line.split(maxsplit=1) for line in lines[end + 1 :]) == group.events


def test_linked_variables_name_their_source_and_constants_their_value(circuit):
    _, text, network = circuit
    for group in (obj for obj in network.objects if isinstance(obj, b2.NeuronGroup)):
        for line in block(text, f"Population {group.name}:"):
            name = line.partition(":")[0].strip()
            if "(linked)" in line:
                source = group.variables[name]
                assert f"# = {source.owner.name}.{source.name}" in line
            elif found := re.search(r"constant\)\s+# = ([^\s;]+)(?: (\w+))?(?:;|$)", line):
                unit = getattr(b2, found[2]) if found[2] in ("ms", "mV", "second", "volt") else 1
                assert float(group.variables[name].get_value()[()].flat[0]) == pytest.approx(
                    float(found[1]) * float(unit), rel=1e-5
                )


def test_every_pathway_and_every_code_appears_in_the_order_of_the_time_step(circuit):
    _, text, network = circuit
    step = text.partition("One time step, in its order")[2].partition("\n")[2]
    runners = [obj for obj in network.sorted_objects if hasattr(obj, "text")]
    pathways = [obj for obj in runners if type(obj).__name__ == "SynapticPathway"]
    assert len(pathways) == sum(len(o._pathways) for o in network.objects if isinstance(o, b2.Synapses))
    places, flat = [], re.sub(r"\n\s+", "\n", step)
    runners = [obj for obj in runners if not isinstance(obj, b2.NeuronGroup)]
    for obj in sorted(runners, key=lambda obj: (SLOTS.index(obj.when), obj.order)):
        shown = "\n".join(line.strip() for line in obj.text.splitlines() if line.strip())
        if type(obj).__name__ == "SynapticPathway":
            title = f"{obj.synapses.name}.{obj.objname}, on {obj.event}"
        else:
            title = f"{obj.group.name}, {f'on {obj.event}' if hasattr(obj, 'event') else 'in every step'}"
        found = re.search(re.escape(title) + r"[^\n]*\n" + re.escape(shown), flat)
        assert found, title
        places.append((SLOTS.index(obj.when), obj.order, found.start()))
    assert [place for *_, place in sorted(places)] == sorted(place for *_, place in places)


def test_the_text_is_what_brian2_runs_but_for_lines_of_comment(circuit):
    _, _, network = circuit
    for obj in network.sorted_objects:
        if hasattr(obj, "text") and not isinstance(obj, b2.NeuronGroup):
            wanted = [line.strip() for line in obj.text.splitlines() if line.strip() and line.strip()[0] != "#"]
            assert [line.strip() for line in code_of(obj).splitlines() if line.strip()] == wanted
        elif isinstance(obj, b2.NeuronGroup):
            assert dict(b2.Equations(obj.text).eq_expressions) == dict(obj.equations.eq_expressions)


def test_options_show(circuit):
    parameters, text, _ = circuit
    assert ("kick" in text) == (parameters.noise > 0)
    assert ("renew" in text) == (parameters.competitions > 1)
    assert ("counter_uniform" in text) == (getattr(parameters, "input", "current") == "poisson")
    for name, value in parameters.as_dict().items():
        if value != getattr(type(parameters)(), name):
            assert f"{name}={value!r}" in text.splitlines()[0]


def test_it_is_the_same_every_time_and_warns_of_nothing(capfd):
    assert describe() == describe(RateParameters())
    assert capfd.readouterr().err == ""
