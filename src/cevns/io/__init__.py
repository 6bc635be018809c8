"""Reading official releases, writing results."""
