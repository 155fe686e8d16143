"""What a code costs: counts in two ledgers, and tables of prices that turn them into ATP and joules."""

from selective_firing.energy.items import ITEMS, Item
from selective_firing.energy.ledger import interneurons, learning_operations, neural, neural_learning, operations
from selective_firing.energy.prices import (
    ATP_JOULES,
    HARDWARE,
    NEURAL,
    NEUROMORPHIC,
    CostTable,
    cost_ratio,
    efficient_fraction,
    resting_ATP,
)

__all__ = [
    "ATP_JOULES",
    "HARDWARE",
    "ITEMS",
    "NEURAL",
    "NEUROMORPHIC",
    "CostTable",
    "Item",
    "cost_ratio",
    "efficient_fraction",
    "interneurons",
    "learning_operations",
    "neural",
    "neural_learning",
    "operations",
    "resting_ATP",
]
