"""Says as JSON what Jupyter this Python has; fails when it has none."""

import json
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from jupyter_core.paths import jupyter_data_dir, jupyter_path


def installed(*names):
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            pass
    return found


def kernelspec(name):
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return None
    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        return None
    except Exception as error:
        return {"broken": str(error)}
    return {"folder": spec.resource_dir, "argv": spec.argv, "metadata": spec.metadata}


print(
    json.dumps(
        {
            "python": sys.executable,
            "pythonVersion": platform.python_version(),
            "prefix": sys.prefix,
            "userData": jupyter_data_dir(),
            "dataPaths": jupyter_path(),
            "versions": installed("jupyterlab", "notebook", "jupyter_client", "nbclient"),
            "kernelspec": kernelspec("tasklab"),
        }
    )
)
