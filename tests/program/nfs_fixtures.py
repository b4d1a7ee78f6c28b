"""What leaves tests of NFS sources out where no server of it can be had."""
import os
import shutil

import pytest

HAS_GANESHA = shutil.which("ganesha.nfsd") is not None

needs_nfs = pytest.mark.skipif(not HAS_GANESHA, reason="the NFS server is not installed")
needs_nfs3 = pytest.mark.skipif(not HAS_GANESHA or shutil.which("rpcbind") is None or os.geteuid() != 0, reason="NFS 3 needs rpcbind, which needs root")
