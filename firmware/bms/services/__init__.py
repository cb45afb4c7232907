"""Around the decisions: what is remembered, and what people and programs see."""
