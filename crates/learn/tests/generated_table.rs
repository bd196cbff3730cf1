//! The generated table is the same in Python and in Rust.

#[path = "support/generated.rs"]
mod generated;

#[test]
fn python_and_rust_generate_the_same_bits() {
    let recorded: serde_json::Value =
        serde_json::from_str(include_str!("recorded/sklearn.json")).expect("a committed file");
    for (name, pairs) in [("two_classes", true), ("three_classes", false)] {
        let entry = &recorded["tables"][name];
        let whole = |key: &str| entry[key].as_u64().expect("a whole number");
        let data =
            generated::table(whole("seed"), whole("n_rows") as usize, whole("n_classes") as usize, pairs);
        let found = generated::checksum(&data).to_string();
        assert_eq!(entry["checksum"].as_str(), Some(found.as_str()), "{name}");
        assert_eq!(generated::folds(99, 20_000, 5).len(), 20_000);
    }
}
