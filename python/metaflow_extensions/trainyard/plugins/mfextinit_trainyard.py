"""Trainyard's extension of Metaflow: on the PYTHONPATH of runs that were given several GPUs, and of no other."""

# Metaflow takes the last decorator of a name, so this one stands in for its own.
STEP_DECORATORS_DESC = [("resources", ".gpu_resources.GpuResourcesDecorator")]
