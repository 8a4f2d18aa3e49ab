//! (to come)

pub mod signer;
