"""Daily, weekly and monthly briefs: figures, then sentences and charts made of them, then a paper."""
