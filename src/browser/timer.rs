//! The one timer of the host that wakes the machine.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::host::Host;

/// A timer that is set anew for whatever comes next.
#[derive(Default)]
pub(super) struct Timer {
    running: Option<JsValue>,
}

impl Timer {
    /// Calls `run` after `delay` milliseconds, and not when it was to be called before.
    pub(super) fn set(&mut self, host: &Host, run: &Function, delay: Option<f64>) {
        if let Some(timer) = self.running.take() {
            host.clear_timeout(&timer);
        }
        // Rounded up: a timer that fires a fraction early would find nothing due.
        self.running = delay.map(|delay| host.set_timeout(run, delay.ceil()));
        if let Some(timer) = &self.running {
            let_go(timer);
        }
    }
}

/// On Node a renewal that is due in minutes is no reason to keep a finished program alive.
fn let_go(timer: &JsValue) {
    if !timer.is_object() {
        return;
    }
    let unref = Reflect::get(timer, &"unref".into()).ok();
    if let Some(unref) = unref.and_then(|unref| unref.dyn_into::<Function>().ok()) {
        drop(unref.call0(timer));
    }
}
