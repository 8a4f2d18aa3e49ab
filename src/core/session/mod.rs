//! The client's state machine: inputs in, outputs out, one timer table.
//!
//! [`Machine`] decides when tokens are renewed, what is stored, what every caller gets and when a
//! session is over ([RFC 6749, section 6]). It never awaits, never reads a clock and draws no
//! randomness: the shell tells it what happened and when ([`Input`], [`Now`]), and does what it
//! answers ([`Output`]) until there is nothing left but to wait.
//!
//! What holds at any time, whatever happens in whatever order: at most one refresh is under way;
//! no expired token is handed out; every caller is settled; a session ends only by a sign-out, a
//! server's clear word, the loss of what was stored, or its own end.
//!
//! [RFC 6749, section 6]: https://www.rfc-editor.org/rfc/rfc6749#section-6

mod backoff;
mod callers;
mod challenge;
mod clock;
mod current;
mod ends;
mod entry;
mod hold;
mod input;
mod last_use;
mod machine;
mod outcome;
mod output;
mod pass;
mod past;
mod refresh;
mod response;
mod settings;
mod sign;
mod snapshot;
mod start;
mod timer;
mod token;
mod view;

pub use clock::Now;
pub use entry::Item;
pub use input::{Answer, Caller, Input, Stamp};
pub use machine::Machine;
pub use output::{Event, Output};
pub use settings::Settings;
pub use snapshot::{EndReason, Snapshot, Status};
pub use timer::{LONGEST_DELAY, Timer};
pub use token::{Entropy, Token};
