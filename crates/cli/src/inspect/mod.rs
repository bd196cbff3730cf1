//! A capture's report as text.

pub mod table;
