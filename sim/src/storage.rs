//! Storage that the tabs of a device share, which may be full, and what a tab keeps that it did not take: as in
//! `src/js/client/storage.js`.

use evertoken::core::session::Item;

pub const KEY: &str = "evertoken";

/// Storage did not take it.
pub struct Refused;

#[derive(Clone, Default)]
pub struct Storage {
    pub items: Vec<Item>,
    /// How many characters there is room for, where it is full.
    pub free: Option<usize>,
}

impl Storage {
    /// Sets, then removes.
    pub fn write(&mut self, set: &[Item], remove: &[String]) -> Result<(), Refused> {
        if self.set_all(set).is_err() {
            self.replace(set, remove)?;
        }
        self.remove_all(remove);
        Ok(())
    }

    fn replace(&mut self, set: &[Item], remove: &[String]) -> Result<(), Refused> {
        let goes_on = set.iter().all(|item| item.key != KEY);
        let is_touched =
            |item: &&Item| remove.contains(&item.key) || set.iter().any(|it| it.key == item.key);
        let before: Vec<_> = self.items.iter().filter(is_touched).cloned().collect();
        if goes_on {
            self.set_all(&before)?;
        }
        self.remove_all(remove);
        if self.set_all(set).is_ok() {
            return Ok(());
        }
        let room = goes_on.then(|| before.iter().map(size).sum());
        let spared: Vec<_> = set.iter().map(|item| spare(item, room)).collect();
        let kept = self.set_all(&spared);
        if kept.is_err() && goes_on {
            self.set_all(&before)?;
        } else if kept.is_err() {
            self.items.retain(|item| item.key != KEY && set.iter().all(|it| it.key != item.key));
        }
        kept
    }

    fn set_all(&mut self, set: &[Item]) -> Result<(), Refused> {
        set.iter().try_for_each(|item| {
            let old = self.items.iter().position(|old| old.key == item.key);
            let was = old.map_or(0, |old| size(&self.items[old]));
            if let Some(free) = &mut self.free {
                *free = (*free + was).checked_sub(size(item)).ok_or(Refused)?;
            }
            match old {
                Some(old) => self.items[old] = item.clone(),
                None => self.items.push(item.clone()),
            }
            Ok(())
        })
    }

    fn remove_all(&mut self, keys: &[String]) {
        let freed: usize = self.items.iter().filter(|it| keys.contains(&it.key)).map(size).sum();
        self.items.retain(|item| !keys.contains(&item.key));
        self.free = self.free.map(|free| free + freed);
    }
}

fn size(item: &Item) -> usize {
    item.key.len() + item.value.len()
}

/// Without its access token where a refresh brings another one, and as long as what it replaces or as the next generation may be.
fn spare(item: &Item, room: Option<usize>) -> Item {
    const NAME: &str = r#""access_token":""#;
    let mut value = item.value.clone();
    if value.contains(r#""refresh_token":""#)
        && let Some(from) = value.find(NAME).map(|at| at + NAME.len())
        && let Some(length) = value[from..].find('"')
    {
        value.replace_range(from..from + length, "");
    }
    let width = room.map_or(value.len() + 32, |room| room.saturating_sub(item.key.len()));
    Item { key: item.key.clone(), value: format!("{value:width$}") }
}

/// What storage did not take, in the one tab that has it.
pub struct Own {
    items: Vec<Item>,
    failed: bool,
    signed_in: bool,
}

impl Own {
    pub const fn new(signed_in: bool) -> Self {
        Self { items: Vec::new(), failed: true, signed_in }
    }

    /// Whether a session is kept here and nowhere else.
    pub fn is_apart(&self) -> bool {
        named(&self.items).is_some()
    }

    /// Whether anything is.
    pub const fn keeps(&self) -> bool {
        !self.items.is_empty()
    }

    pub fn read(&self, theirs: &Storage) -> Vec<Item> {
        let mut items = if self.is_apart() { Vec::new() } else { theirs.items.clone() };
        for own in &self.items {
            if items.iter().all(|item| item.key != own.key) {
                items.push(own.clone());
            }
        }
        items
    }

    /// What is to be written where all write.
    pub fn write(
        &mut self,
        theirs: &Storage,
        set: &[Item],
        remove: &[String],
    ) -> Option<Vec<Item>> {
        let apart = self.is_apart();
        self.forget(set);
        self.items.extend(set.iter().cloned());
        self.items.retain(|item| !remove.contains(&item.key));
        if self.is_apart() && named(&theirs.items) == named(&self.items) {
            self.items.retain(|item| item.key != KEY);
        }
        self.signed_in |= !self.failed && named(set).is_some();
        let all = if apart { self.items.clone() } else { set.to_vec() };
        let tries = !std::mem::replace(&mut self.failed, false);
        let may = !apart || (self.signed_in && named(&theirs.items).is_none());
        (tries && may).then_some(all)
    }

    /// It was written.
    pub fn forget(&mut self, set: &[Item]) {
        self.items.retain(|item| set.iter().all(|it| it.key != item.key));
    }
}

/// What stands under the name of all.
pub fn named(items: &[Item]) -> Option<&str> {
    items.iter().find(|item| item.key == KEY).map(|item| item.value.as_str())
}
