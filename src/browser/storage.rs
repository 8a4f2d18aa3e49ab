//! Where sessions are kept: `localStorage`, or this client's memory.

use wasm_bindgen::{JsCast, JsValue};

use super::globals::{self, Storage as LocalStorage};
use crate::core::session::Item;

/// A place for items.
pub(super) enum Storage {
    /// Shared by all tabs of an origin, and there after a restart.
    Local(LocalStorage),
    /// As long as this client lives.
    Memory(Vec<Item>),
}

impl Storage {
    /// An empty memory.
    pub(super) const fn memory() -> Self {
        Self::Memory(Vec::new())
    }

    /// `localStorage`, where the host has it and lets it be used.
    pub(super) fn local() -> Option<Self> {
        globals::global("localStorage").map(|storage| Self::Local(storage.unchecked_into()))
    }

    /// Every item whose key starts with `prefix`.
    pub(super) fn read(&self, prefix: &str) -> Result<Vec<Item>, JsValue> {
        let storage = match self {
            Self::Memory(items) => return Ok(items.clone()),
            Self::Local(storage) => storage,
        };
        let mut items = Vec::new();
        for index in 0..storage.length()? {
            // What another tab removes meanwhile is not there any more.
            let Some(key) = storage.key(index)?.filter(|key| key.starts_with(prefix)) else {
                continue;
            };
            if let Some(value) = storage.get_item(&key)? {
                items.push(Item { key, value });
            }
        }
        Ok(items)
    }

    /// Sets, then removes; the other way round where there is no room for both.
    pub(super) fn write(&mut self, set: Vec<Item>, remove: &[String]) -> Result<(), JsValue> {
        match self {
            Self::Local(storage) => {
                let set_all =
                    || set.iter().try_for_each(|item| storage.set_item(&item.key, &item.value));
                let full = set_all().is_err();
                for key in remove {
                    storage.remove_item(key)?;
                }
                if full {
                    set_all()?;
                }
            }
            Self::Memory(items) => {
                items.retain(|old| {
                    !remove.contains(&old.key) && !set.iter().any(|new| new.key == old.key)
                });
                items.extend(set);
            }
        }
        Ok(())
    }
}
