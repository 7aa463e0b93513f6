"""The model of who really closes such cases. Plain Python: knows neither Django nor the database."""
