//! What the application commands: sessions end, permissions change, a session is stepped up.

use super::record::{Account, Ending};
use super::session::{Proof, Session};

/// How many generations each session still remembers in a record that would grow too large.
const FEW: usize = 8;
/// How many ended sessions such a record still remembers.
const FEW_TOMBSTONES: usize = 8;
/// The largest record, in bytes of JSON: it fits a value of every store.
pub const MAX_RECORD: usize = 60 * 1024;

impl Account {
    /// The sessions that live, oldest first.
    pub fn live(&self, now: i64) -> impl Iterator<Item = &Session> {
        self.sessions.iter().filter(move |session| session.over(now).is_none())
    }

    /// Ends every session but `except`, and every sign-in that is under way; gives the names of
    /// those that lived.
    pub fn sign_out(&mut self, except: Option<&str>, now: i64) -> Vec<String> {
        // The clock that wrote the last one may be ahead of this one.
        self.not_before = self.not_before.max(now);
        self.sign_outs = self.sign_outs.saturating_add(1);
        let others = self.sessions.iter().filter(|session| Some(&*session.id) != except);
        // What ran out by this clock may live by another's: it is ended too, and not counted.
        let others: Vec<_> =
            others.map(|session| (session.id.clone(), session.over(now).is_none())).collect();
        for (id, _) in &others {
            self.end(id, Ending::Revoked, now);
        }
        others.into_iter().filter_map(|(id, lived)| lived.then_some(id)).collect()
    }

    /// Makes every access token of the subject stale, so that the next refresh asks anew.
    pub const fn bump_permissions(&mut self) {
        self.permissions = self.permissions.saturating_add(1);
    }

    /// Notes a stronger or fresher proof of identity, which the next refresh carries; `false`
    /// where there is no such session that lives.
    pub fn elevate(&mut self, id: &str, now: i64, elevate: impl FnOnce(&mut Proof)) -> bool {
        let session = self.session_mut(id).filter(|session| session.over(now).is_none());
        let Some(session) = session else { return false };
        let mut proof = session.proof().clone();
        elevate(&mut proof);
        session.elevated = Some(proof);
        true
    }

    /// The record's text, once it fits every store, and the names of the sessions that had to end
    /// for that; never `keep`'s.
    pub fn fit(&mut self, keep: &str, now: i64) -> (String, Vec<String>) {
        let mut evicted = Vec::new();
        let mut text = self.write();
        if text.len() > MAX_RECORD {
            // What helps only to tell late duplicates from thieves goes before any session does.
            for session in &mut self.sessions {
                session.past.forget_beyond(FEW);
            }
            let surplus = self.tombstones.len().saturating_sub(FEW_TOMBSTONES);
            self.tombstones.drain(..surplus);
            text = self.write();
        }
        while text.len() > MAX_RECORD {
            let oldest = self.sessions.iter().find(|session| session.id != keep);
            let Some(id) = oldest.map(|session| session.id.clone()) else { break };
            self.end(&id, Ending::Evicted, now);
            evicted.push(id);
            text = self.write();
        }
        (text, evicted)
    }
}
