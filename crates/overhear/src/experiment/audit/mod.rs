//! The audit: is it a leak? An answer that stands up.
//!
//! Source: METHOD.md section 4.

pub mod result;
