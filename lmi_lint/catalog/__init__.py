"""The rule pages: what each rule means. How a rule decides is in ``checks``."""
