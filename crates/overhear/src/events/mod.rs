//! Events: bursts of activity over a learnt idle level, a row each; or the traces of a packet table, as it was published.
//!
//! Source: docs/method.md, "Events". No label is used: when an event begins and ends is decided on how many packets there are.

mod agreement;
mod find;
mod read;
mod rows;
mod table;

pub use agreement::Agreement;
pub use find::{Found, Settings, Stretch};
pub use read::{Cutting, Events, Recipe, Trace, read};
pub use rows::Event;
pub use table::{EVENT, EventTable, TRACE};
