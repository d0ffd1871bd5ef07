//! `writable = false` in physio.toml leaves no value to insert or patch with.

mod clinic {
    physio_runtime::schema!("physio.toml");
}

fn main() {
    let _ = clinic::RolesInsert { role_name: "owner".to_owned() };
    let _ = clinic::RolesPatch::default();
}
