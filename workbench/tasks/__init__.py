"""What the workbench does with articles: plan the calls within the budget, make a result."""
