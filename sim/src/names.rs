//! Names that tell what the world knows: refresh tokens their session and generation.

use evertoken::core::account::codec::session_id;

/// The number of the session that a refresh token belongs to.
pub fn session_of(token: &str) -> Option<usize> {
    let id = token.split('.').nth(2)?;
    usize::from_str_radix(id, 8).ok()
}

/// The generation that a refresh token names.
pub fn number_of(token: &str) -> Option<u64> {
    token.split('.').nth(3)?.parse().ok()
}

/// The name of a session that has this number.
pub fn name(session: usize) -> String {
    // Sixteen characters of base64url whose bytes nobody asks for.
    let name = format!("{session:016o}");
    debug_assert_eq!(session_id([0; 12]).len(), name.len());
    name
}
