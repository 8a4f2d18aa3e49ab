//! The client's state machine: inputs in, outputs out, one timer table.
