//! The issuer's state machine: the refresh-token codec, the account record and `decide()`.
