//! What is in a capture: for the terminal and as a page.

mod html;
mod number;
#[cfg(test)]
mod tests;
pub mod text;
mod timeline;
mod words;

pub use html::page;
