"""All that crosses the wire: the envelope, one module of event models a topic, upcasters and pure rules."""
