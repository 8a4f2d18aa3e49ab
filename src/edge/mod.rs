//! The shell of the issuer: performs what `core::account` decides, with the host's store, keys and
//! HTTP.

mod account;
mod authenticate;
pub mod challenge;
mod desk;
mod failure;
mod handler;
mod introspect;
mod issuer;
mod limiter;
mod refresh;
mod renew;
mod revoke;
mod sessions;
mod settings;
mod sign_in;
pub mod signer;
mod store;
mod transport;
mod verifier;
mod wait;
