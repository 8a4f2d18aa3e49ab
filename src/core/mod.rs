//! Every decision about tokens and sessions, without a clock, randomness or I/O.

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
    )
)]

#[cfg(feature = "issuer")]
pub mod account;
pub mod error;
pub mod json;
pub mod secret;
#[cfg(feature = "client")]
pub mod session;
pub mod token;
