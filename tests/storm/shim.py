"""The checker's hand on the daemon's writes and clock (shim.c)."""

import mmap
import os
import struct

from harness import wait_until

WRITE_LOG, SYNC_LOG, WRITE_FILE, SYNC_FILE = 1, 2, 4, 8
TRUNCATE_LOG, TRUNCATE_FILE, REMOVE_LOG = 16, 32, 64
ALL = 127
FOREVER = 1 << 40

FIELDS = ("operations", "stall_mask", "stall_skip", "stall_after", "is_stalled", "fail_mask",
          "fail_skip", "fail_count", "fail_errno", "failed", "wall_offset_ns")
NUMBER = struct.Struct("=q")


class Shim:
    """`shim.operations`, `shim.stall_mask = …`: each field of shim.c's control, shared."""

    def __init__(self, env, journal, name="shim", is_recording=False):
        path = env.path(f"{name}.control")
        path.write_bytes(bytes(mmap.PAGESIZE))
        with open(path, "r+b") as file:
            self.__dict__["memory"] = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.__dict__["record"] = env.path(f"{name}.record") if is_recording else None
        self.__dict__["environment"] = dict(
            os.environ, LD_PRELOAD=str(env.program("tests/storm_shim.so")),
            STORM_CONTROL=str(path), STORM_JOURNAL=str(journal))
        if is_recording:
            self.environment["STORM_RECORD"] = str(self.record)

    def __getattr__(self, name):
        return NUMBER.unpack_from(self.memory, FIELDS.index(name) * NUMBER.size)[0]

    def __setattr__(self, name, value):
        NUMBER.pack_into(self.memory, FIELDS.index(name) * NUMBER.size, value)

    def stall(self, mask, skip=0, is_after=False):
        """Holds the next such operation (after `skip` of them), before or after it is done."""
        self.stall_after, self.stall_skip = is_after, skip
        self.stall_mask = mask

    def wait_stalled(self, timeout):
        """Whether the daemon is held within `timeout` s."""
        try:
            return bool(wait_until(lambda: self.is_stalled, "", timeout, every=0.001))
        except AssertionError:
            return False

    def fail(self, mask, number, skip=0, count=1):
        """Lets `count` such operations fail with errno `number`, after `skip` that do not."""
        self.fail_errno, self.fail_skip, self.fail_count = number, skip, count
        self.fail_mask = mask

    def let_go(self):
        """Holds and fails nothing any more."""
        self.stall_mask = self.fail_mask = self.is_stalled = 0
