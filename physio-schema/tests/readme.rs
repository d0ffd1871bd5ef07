//! The physio.toml that the README shows is one that can be read.

use physio_schema::config;

#[test]
fn the_smallest_physio_toml_of_the_readme_is_valid() {
    let readme = include_str!("../../README.md");
    let blocks: Vec<&str> =
        readme.split("```toml").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 1, "one block of TOML");
    let config = config::parse(blocks[0]).expect("the block is valid");
    assert_eq!(config.waves[0].tables, ["*"]);
}
