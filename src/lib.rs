//! evertoken verifies tokens, knows when they expire and renews them in time.
//!
//! [`core`] decides and is pure: `now` and entropy are arguments. [`engine`] computes signatures.
//! The shells (`browser`, `edge` and what they share) perform what the core decides, and exist
//! only with the feature `wasm`.

pub mod core;
pub mod engine;

// Public for the tests in browsers alone: the handles are the facades' business.
#[cfg(all(feature = "wasm", feature = "client"))]
#[doc(hidden)]
pub mod browser;
#[cfg(all(feature = "wasm", feature = "issuer"))]
#[doc(hidden)]
pub mod edge;
#[cfg(feature = "wasm")]
#[doc(hidden)]
pub mod shell;
