"""How well the built-in coach judges, and how its coefficients are learnt."""
