//! Work that can be counted where time cannot be trusted: what is allocated, how often and how much.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The allocator of whoever counts, as its `#[global_allocator]`.
#[derive(Debug)]
pub struct Counting;

thread_local! {
    static COUNTED: Cell<Work> = const { Cell::new(Work { calls: 0, bytes: 0 }) };
}

/// What a piece of work asked of the allocator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// How often.
    pub calls: usize,
    /// How many bytes, together.
    pub bytes: usize,
}

/// What `work` asks of the allocator, beside its answer.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, Work) {
    let before = COUNTED.get();
    let answer = work();
    let after = COUNTED.get();
    (answer, Work { calls: after.calls - before.calls, bytes: after.bytes - before.bytes })
}

fn count(bytes: usize) {
    // A thread that ends allocates when its counter is gone.
    let _ = COUNTED.try_with(|counted| {
        let Work { calls, bytes: sum } = counted.get();
        counted.set(Work { calls: calls + 1, bytes: sum + bytes });
    });
}

// SAFETY: every call is the system allocator's, with the arguments unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
