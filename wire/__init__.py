"""What processes say: topics, envelopes, seals, keys and the MQTT link."""
