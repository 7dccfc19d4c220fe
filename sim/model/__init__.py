"""World `model`: a SimPy discrete-event model of workflow, Redis, fanout server, link, orchestrator and client."""
