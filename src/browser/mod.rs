//! The client's session for JavaScript: what the page's shell (`src/js/client/`) tells the state machine, and
//! what it is to do.
//!
//! The shell itself is JavaScript: everything that it does it does with the page's own objects, and the same
//! lines as wasm are six times as long to load.

mod input;
mod output;
pub mod session;
