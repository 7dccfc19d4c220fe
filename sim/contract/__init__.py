"""What every world shares: scenario, policy, script, trace and wire formats. Nothing here decides anything."""
