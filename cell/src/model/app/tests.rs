//! Names of applications.

use super::*;

#[test]
fn the_last_part_of_the_path() {
    let check = |path: &str, expected: &str| assert_eq!(name(Path::new(path)), expected, "{path}");
    check("/home/u/shop", "shop");
    check("/home/u/shop.v2.zip", "shop.v2");
    check("/x/droplet.tgz", "droplet");
    check("/", "app");
    check("/x/.zip", "app");
}
