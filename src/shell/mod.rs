//! What both shells share: errors and options at the border to JavaScript, the host, the verifier.
//!
//! - [`error::thrown`]: `Error -> JsValue` (also `?` and `.into()`), [`error::caused`] with a cause;
//! - [`options::Options`]: typed reading of an options object, `ERR_OPTIONS` naming the option;
//! - [`host`]: [`host::Clock`], [`host::random`], [`host::settled`];
//! - [`verifier::Verifier::with`]: the handle of a verifier with rules of its own and a question
//!   that is asked, asynchronously, after signature and claims passed; [`policy::read`] reads
//!   its options, of which [`policy::OPTIONS`] is the list.

#[cfg(feature = "verifier")]
pub(crate) mod cache;
#[cfg(feature = "verifier")]
pub mod decode;
pub(crate) mod error;
#[cfg(feature = "verifier")]
pub(crate) mod host;
#[cfg(feature = "verifier")]
mod keys;
#[cfg(feature = "verifier")]
pub(crate) mod options;
#[cfg(feature = "verifier")]
pub(crate) mod policy;
#[cfg(feature = "verifier")]
mod remote;
#[cfg(feature = "verifier")]
pub mod verifier;
