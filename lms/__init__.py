"""The ground of the plugin set: who works where and may do what, and durable jobs."""
