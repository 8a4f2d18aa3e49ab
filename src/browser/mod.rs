//! The client's shell: performs what the session's state machine decides, on any host.
//!
//! - [`session`]: the handle behind `createClient`, and the loop that performs outputs;
//! - [`request`]: refreshes and revocations; [`fetch`]: the application's own requests;
//! - [`storage`], [`timer`], [`listeners`]: what the page offers;
//! - [`host`], [`globals`]: what may be replaced, and what it is without.

mod fetch;
mod globals;
mod host;
mod listeners;
mod options;
mod request;
pub mod session;
mod storage;
mod timer;
