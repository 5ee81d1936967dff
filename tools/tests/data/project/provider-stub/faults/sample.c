// SPDX-License-Identifier: GPL-2.0-only
/* A sample of declarations, for the tests of the host tools only. */

const struct stub_fault stub_sample_faults[] = {
	STUB_FAULT(cookie_stuck, "cookie.monotonic",
		   "the cookie never "
		   "moves",
		   .submit = submit(1, 2)),
	STUB_FAULT(poll_lies, "cookie.poll", "polling says complete too early", .status = lie),
	STUB_FAULT_SETUP(callback_lost, "wait.callback", "no callback comes", setup),
	{}
};
