//! The issuer's state machine: who gets tokens, and what is remembered about it.
//!
//! A refresh goes through here in this order: [`codec`] opens the token without asking the store,
//! [`decide`] looks up what becomes of it, [`record`] changes accordingly, and once that is
//! written, [`answer`] makes the tokens from nothing but the written record. So whatever is lost
//! on the way, asking again gives the same answer, and a chain of tokens cannot fork.

pub mod access;
pub mod answer;
pub mod attempt;
pub mod budget;
pub mod claims;
pub mod clients;
pub mod codec;
pub mod command;
pub mod cookie;
pub mod decide;
pub mod endpoint;
pub mod form;
mod hex;
pub mod http;
pub mod introspection;
pub mod lockout;
pub mod past;
pub mod recent;
pub mod record;
mod record_json;
pub mod refusal;
pub mod renew;
pub mod session;
pub mod stateless;
pub mod throttle;
