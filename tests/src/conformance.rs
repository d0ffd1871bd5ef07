//! One list of cases for every bridge: what PROTOCOL.md promises, asked over plain HTTP.
//!
//! A case sees a [`Target`] and nothing of what is behind it. [`for_each_case!`](crate::for_each_case) turns
//! the list into tests, once for each bridge.

pub mod access;
pub mod auth;
pub mod batches;
mod client;
pub mod drift;
mod embedded;
pub mod failures;
pub mod feed;
pub mod pages;
mod php;
pub mod push;
pub mod shop;
pub mod sums;
pub mod sync;
mod target;

pub use client::{Client, Page, Pull, Reply, Tables};
pub use embedded::EmbeddedTarget;
pub use php::PhpTarget;
pub use target::{DEVICE, GOOD_TOKEN, Target, Token};

/// Makes a `#[test]` of every case; `$start` is a function from an [`App`](crate::harness::App) to a
/// [`Target`].
#[macro_export]
macro_rules! for_each_case {
    ($start:path) => {
        $crate::for_each_case! { $start, clinic, auth:
            a_request_without_a_token_is_refused
            a_malformed_authorization_header_is_no_token
            the_plain_header_stands_in_for_a_stripped_one
            unknown_revoked_and_expired_tokens_look_the_same
            a_token_in_the_url_is_refused
            a_token_that_differs_in_case_is_unknown
            a_revoked_token_stops_working_at_once
            another_method_is_refused_and_the_right_one_named
            another_protocol_version_is_refused
            answers_are_never_cached_and_name_the_fingerprint
            a_device_must_be_named_by_32_hex_digits
            unknown_parameters_are_refused
            a_parameter_that_comes_twice_is_refused
            a_fingerprint_is_32_hex_digits
        }
        $crate::for_each_case! { $start, clinic, sync:
            new_answers_the_cursor_and_no_rows
            a_change_of_another_application_arrives_once
            an_update_arrives_as_the_row_stands_now
            a_delete_arrives_as_a_key
            a_row_that_came_and_went_arrives_as_a_key
            pages_go_on_until_everything_came
            a_full_page_at_the_end_needs_no_empty_page
            the_same_cursor_gives_the_same_changes_again
            only_the_named_tables_come
            what_the_device_pushed_comes_back_with_its_ack
            each_device_has_its_own_ack
            a_cascading_delete_reaches_the_children
            a_set_null_reaches_the_children
            a_changed_text_key_is_a_delete_and_a_row
            a_rolled_back_change_never_arrives
            a_cursor_of_another_epoch_is_refused
            a_cursor_from_the_future_is_refused
            a_cursor_below_the_floor_has_expired
            malformed_cursors_and_limits_are_refused
            an_unknown_table_is_refused
            another_fingerprint_gets_the_fingerprint_of_each_table
        }
        $crate::for_each_case! { $start, clinic, pages:
            an_empty_table_is_one_page_without_rows
            pages_follow_the_key_and_miss_nothing
            one_row_is_found_by_its_key
            a_missing_row_is_an_empty_answer
            a_text_key_pages_in_order
            hidden_columns_are_not_there
            tables_that_are_not_synced_are_unknown
            malformed_keys_are_refused
            a_page_ends_where_the_limit_says
        }
        $crate::for_each_case! { $start, clinic, sums:
            a_range_ends_with_its_last_key
            sums_cover_every_row_once
            every_difference_is_another_sum
            malformed_ranges_are_refused
        }
        $crate::for_each_case! { $start, clinic, feed:
            a_key_has_one_entry_however_often_it_changes
            what_every_device_has_passed_is_forgotten
            a_device_that_was_not_seen_for_long_holds_nothing_up
            a_greeting_does_not_pass_what_was_not_seen
            an_idle_poll_writes_nothing
        }
        $crate::for_each_case! { $start, clinic, push:
            an_insert_gets_its_key_and_comes_back_as_stored
            a_reference_in_the_same_unit_is_resolved
            a_reference_to_an_earlier_unit_is_resolved
            a_reference_to_the_batch_before_is_resolved
            a_temporary_row_of_the_batch_before_is_not_made_again
            a_reference_may_stand_in_a_key
            an_insert_with_a_text_key_names_it
            an_update_of_an_unchanged_row_is_applied
            an_update_leaves_other_columns_alone
            an_update_that_finds_its_own_value_is_applied
            base_and_value_are_compared_by_meaning
            only_the_very_same_text_counts_as_unchanged
            a_unit_of_several_changes_is_undone_alone
            a_manual_column_that_changed_is_a_conflict
            another_columns_change_is_no_conflict
            a_client_column_that_changed_is_overwritten
            a_server_column_that_changed_stays
            a_unit_that_is_undone_keeps_nothing
            an_update_of_a_missing_row_is_gone
            a_delete_of_an_unchanged_row_is_applied
            a_delete_of_a_missing_row_is_applied
            a_delete_of_a_changed_row_is_a_conflict
            a_delete_under_the_server_rule_is_dropped
            a_change_is_compared_with_what_its_unit_has_left
            a_conflict_undoes_the_whole_unit
            null_and_empty_text_are_different
            write_takes_one_unit
        }
        $crate::for_each_case! { $start, clinic, failures:
            a_duplicate_key_names_its_column
            a_missing_parent_names_its_column
            a_row_that_is_referred_to_cannot_be_deleted
            a_required_column_must_be_there
            a_required_column_cannot_be_null
            a_number_out_of_range_is_refused
            a_text_that_is_too_long_is_refused
            values_that_do_not_fit_are_refused
            values_must_be_strings
            unknown_tables_and_columns_are_refused
            a_read_only_table_takes_no_writes
            an_unknown_reference_is_refused
            a_failed_unit_stops_no_other
            a_unit_that_refers_to_a_failed_one_is_blocked
            a_unit_that_changes_a_row_of_a_failed_one_is_blocked
            blocking_is_passed_on
            a_failed_unit_leaves_nothing_behind
            errors_tell_nothing_of_the_values
        }
        $crate::for_each_case! { $start, clinic, batches:
            the_same_bytes_get_the_same_answer_and_change_nothing
            the_same_number_with_other_bytes_is_refused
            an_older_number_is_stale
            a_number_too_high_is_a_gap
            devices_count_on_their_own
            a_failed_unit_uses_its_number_up
            a_body_that_is_too_large_is_refused
            bodies_that_are_not_a_batch_are_refused
            the_device_in_the_body_must_be_the_headers
            write_and_batch_share_their_numbers
            a_refused_batch_uses_no_number
        }
        $crate::for_each_case! { $start, clinic, drift:
            tables_are_described_to_who_asks
            only_tables_of_the_whitelist_are_described
            who_has_compared_another_schema_gets_no_rows
            a_stranger_writes_nothing_before_it_has_compared
            a_stored_answer_is_given_to_a_stranger_too
            a_live_table_that_lacks_a_column_is_named
            a_live_table_that_is_gone_is_named
        }
        $crate::for_each_case! { $start, clinic_by_role, access:
            every_answer_names_the_epoch_of_its_user
            a_row_of_another_branch_is_not_there
            a_table_without_a_grant_is_forbidden
            a_deleted_row_of_another_branch_stays
            a_row_that_moves_to_another_branch_leaves_and_enters_with_its_children
            a_child_that_goes_to_another_parent_moves_with_it
            a_taken_key_of_another_branch_tells_nothing
            another_branch_or_role_begins_another_epoch
            an_owner_sees_and_writes_all_branches
            a_user_without_a_branch_sees_what_belongs_to_all
        }
        $crate::for_each_case! { $start, shop, shop:
            every_type_comes_back_as_it_was_sent
            unsigned_keys_above_the_signed_range_work
            composite_keys_are_paged_found_and_deleted
            a_key_of_two_parents_is_inserted_by_value
            a_generated_key_in_a_reference_of_a_composite_key
            a_self_reference_is_resolved
            generated_columns_cannot_be_written
            binary_values_are_base64
            a_failed_text_key_blocks_what_uses_it
            text_keys_keep_their_case
            a_key_that_the_columns_characters_cannot_spell_is_no_row
            hidden_columns_are_neither_read_nor_written
        }
        mod sums_of_the_shop {
            $crate::for_each_case! { $start, shop, sums:
                sums_of_every_type
            }
        }
    };
    ($start:path, $app:ident, $module:ident: $($case:ident)*) => {
        mod $module {
            $(
                #[test]
                fn $case() {
                    let app = $crate::harness::App::$app().expect("the application's dump and physio.toml are good");
                    let target = $start(app);
                    $crate::conformance::$module::$case(&target);
                    $crate::conformance::Target::check_clean(&target);
                }
            )*
        }
    };
}
