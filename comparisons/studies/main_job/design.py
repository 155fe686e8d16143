"""What all models of a comparison have in common, and the models that it makes; nothing is fitted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from sklearn.model_selection import GridSearchCV, ShuffleSplit

from comparisons.rivals.linear import PrincipalComponents
from comparisons.rivals.random_weights import RandomWeights
from comparisons.rivals.registry import CIRCUIT, DENSE, MODELS, NARROW, PRINCIPAL, RANDOM, SWAPS, TIED, TOPK
from comparisons.rivals.tied_sgd import TiedSGDAutoencoder
from selective_firing._checks.arguments import check_count
from selective_firing.autoencoder import KWTAAutoencoder
from selective_firing.engine.simulator import find_compiler
from selective_firing.parameters import CircuitParameters, RateParameters, SpikingParameters
from selective_firing.protocol import Autoencoder

if TYPE_CHECKING:
    from selective_firing.cli.options import LearningOptions

__all__ = ["LATE", "RATES_TRIED", "UPKEEP", "Design"]

RATES_TRIED = (1e-3, 3e-3, 1e-2)
"""Learning rates of which backpropagation gets the best on a fifth of the training patterns held out."""
LATE, UPKEEP = (0.9, 1.0), 1e-3
"""Late share and homeostasis of circuits with lateral synapses, chosen on held-out training patterns of MNIST: the
first lesson, which knows of one competition only, has less to say in the end."""
FIRST_CYCLE_MS = 40.0
"""In which the first race of the spiking circuit is over."""
WITHOUT_COMPILER = 40
"""Test stimuli for the table of weights and encoders if spikes are simulated on the numpy target: slow."""


@dataclass(frozen=True, kw_only=True)
class Design:
    """What all models have in common.

    Attributes
    ----------
    n_hidden, k : int
    n_epochs : int
        Passes over the training patterns.
    learning_rate, homeostasis : float
        Of the circuit's rule, in the circuit or out of it; backpropagation has a learning rate of its own.
    k_start : int or None
        Winners in the first pass, of those models whose k may fall.
    seed : int
    codegen : str
        Target of Brian2.
    parameters : RateParameters or SpikingParameters
        Of the circuit.
    verbose : int
        Whether the circuit shows its progress.

    Raises
    ------
    TypeError, ValueError
        If a value breaks a rule.
    """

    n_hidden: int = 128
    k: int = 10
    n_epochs: int = 10
    learning_rate: float = 1.0
    homeostasis: float = 0.0
    k_start: int | None = None
    seed: int = 0
    codegen: str = "auto"
    parameters: CircuitParameters = field(default_factory=RateParameters)
    verbose: int = 1

    def __post_init__(self) -> None:
        check_count("seed", self.seed, at_least=0)
        self._circuit().check_parameters()

    @classmethod
    def from_options(cls, options: LearningOptions, k: int) -> Self:
        """Return the design that a command line asks for.

        Parameters
        ----------
        options : LearningOptions
        k : int
            Number of winners, in the place of that of the options.
        """
        return cls(
            n_hidden=options.n_hidden, k=k, n_epochs=options.n_epochs, seed=options.seed,
            learning_rate=options.learning_rate, homeostasis=options.homeostasis, k_start=options.k_start,
            codegen=options.target, parameters=options.parameters,
        )  # fmt: skip

    def models(self, n_samples: int) -> dict[str, Autoencoder]:
        """Return the contestants, not yet fitted, for `n_samples` patterns; what is equal by design is given to all.

        Parameters
        ----------
        n_samples : int
        """
        width: dict[str, Any] = {"n_hidden": self.n_hidden, "random_state": self.seed}
        return {
            CIRCUIT: self._circuit(),
            TIED: TiedSGDAutoencoder(**width, **self._local()),
            TOPK: self.tuned(TOPK, n_samples),
            DENSE: self.tuned(DENSE, n_samples),
            RANDOM: RandomWeights(**width, k=self.k),
        }

    def beside(self, n_samples: int) -> dict[str, Autoencoder]:
        """Return what the main job puts beside them, not yet fitted: explaining away, and k numbers without selection.

        The first is this circuit with lateral synapses, but only if it is compiled, of rate units, and explains nothing
        away by itself. The others are a dense layer of k units, and k principal components.

        Parameters
        ----------
        n_samples : int
        """
        lateral: dict[str, Autoencoder] = {}
        mine = self.parameters
        if self.is_compiled and isinstance(mine, RateParameters) and mine.competitions == 1 and not mine.is_lateral:
            explains = replace(self, parameters=mine.changed(explain="lateral", late_share=LATE), homeostasis=UPKEEP)
            lateral = {SWAPS: explains._circuit().set_params(verbose=0)}  # it learns beside others
        few = {NARROW: self.tuned(DENSE, n_samples, n_hidden=self.k), PRINCIPAL: PrincipalComponents(2 * self.k)}
        return lateral | few

    def circuits(self) -> list[CircuitParameters]:
        """Return both circuits, the one of this design with its constants; of the other's spikes the first cycle."""
        if isinstance(self.parameters, SpikingParameters):
            return [RateParameters(), self.parameters]
        return [self.parameters, SpikingParameters(presentation=FIRST_CYCLE_MS)]

    @property
    def is_compiled(self) -> bool:
        """Whether circuits are compiled; without, simulations are slow, and fewer are made."""
        return find_compiler() is not None and self.codegen != "numpy"

    @property
    def n_crossed(self) -> int | None:
        """Test stimuli for the weights x encoder table: all, if the spiking circuit can be compiled."""
        return None if self.is_compiled else WITHOUT_COMPILER

    def _local(self) -> dict[str, Any]:
        """Return what the circuit's learning rule is given, in the circuit or out of it."""
        names = ("k", "learning_rate", "n_epochs", "homeostasis", "k_start")
        return {name: getattr(self, name) for name in names}

    def _circuit(self) -> KWTAAutoencoder:
        return KWTAAutoencoder(
            self.n_hidden, **self._local(), circuit=self.parameters.circuit, parameters=self.parameters,
            codegen=self.codegen, random_state=self.seed, verbose=self.verbose,
        )  # fmt: skip

    def rival(self, name: str, n_samples: int, **changes: Any) -> Autoencoder:
        """Return a model that learns by backpropagation, not yet fitted.

        It learns from a hundredth of the patterns at a time, at most 128, lest a small data set leave it with too few
        steps.

        Parameters
        ----------
        name : str
            Of `registry.MODELS`.
        n_samples : int
            Patterns that it will learn from.
        **changes
            Arguments of its constructor.
        """
        wanted = MODELS[name]
        given = {
            "n_hidden": self.n_hidden, "k": self.k, "k_start": self.k_start, "n_epochs": self.n_epochs,
            "batch_size": min(128, max(8, n_samples // 100)), "random_state": self.seed,
        } | dict(wanted.own)  # fmt: skip
        known = wanted.kind(**wanted.own).get_params()
        return wanted.kind(**{argument: value for argument, value in given.items() if argument in known} | changes)

    def tuned(self, name: str, n_samples: int, rates: Sequence[float] = RATES_TRIED, **changes: Any) -> GridSearchCV:
        """Return the same with a search for its learning rate; `comparisons.lab.tuning` says why it is not that one.

        Parameters
        ----------
        name, n_samples, **changes
            As for `rival`.
        rates : sequence of float
            To choose from.
        """
        held_out = ShuffleSplit(1, test_size=0.2, random_state=self.seed)
        model = self.rival(name, n_samples, **changes)
        return GridSearchCV(model, {"learning_rate": list(rates)}, cv=held_out, error_score="raise")
