"""One page a file: what stands beside the navigation once a vault is unlocked."""
