"""The judge of the charge estimator: every recorded and computed trace, with the errors of a real sensor."""
