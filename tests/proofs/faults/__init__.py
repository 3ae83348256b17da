"""What breaks around the service, and what people and laboratories then see."""
