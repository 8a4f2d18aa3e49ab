//! The handle behind `createClient`: it is told what happens, and then polled for what is to be done.
//!
//! What happens comes with what both clocks say, in milliseconds.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::{input, output};
use crate::core::session::{Machine, Now};

/// A client's session.
#[wasm_bindgen]
pub struct Session {
    machine: RefCell<Machine>,
}

#[wasm_bindgen]
impl Session {
    /// A session with these settings, as JSON; see [`input::settings`].
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(settings: &str) -> Self {
        Self { machine: RefCell::new(Machine::new(input::settings(settings))) }
    }

    /// Something happened, as JSON; see [`input::read`].
    pub fn tell(&self, what: &str, wall: f64, monotonic: f64) {
        let input = input::read(what);
        self.machine.borrow_mut().handle_input(input, Now { wall, monotonic });
    }

    /// What is to be done next, as JSON; see [`output::json`].
    pub fn poll(&self) -> String {
        output::json(&self.machine.borrow_mut().poll_output())
    }

    /// The claims of the token at hand, as JSON.
    pub fn claims(&self) -> Option<String> {
        self.machine.borrow().claims_json().map(String::from)
    }

    /// The session as it stands, as JSON.
    pub fn snapshot(&self) -> String {
        output::snapshot(self.machine.borrow().snapshot())
    }

    /// Whether an access token may travel to this origin.
    #[wasm_bindgen(js_name = maySee)]
    pub fn may_see(&self, origin: &str) -> bool {
        self.machine.borrow().may_see(origin)
    }

    /// Whether the token of this stamp is the one at hand and lives for so many seconds more, with nothing
    /// else due: then nobody need be asked for it.
    pub fn serves(
        &self,
        session: u32,
        generation: f64,
        seconds: f64,
        wall: f64,
        monotonic: f64,
    ) -> bool {
        let (stamp, now) = (input::stamp(session, generation), Now { wall, monotonic });
        self.machine.borrow_mut().serves(stamp, seconds, now)
    }
}
