-- What another application of the same database has written, from the edges of every type.
SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+05:30', NAMES utf8mb4;

INSERT INTO everything SET marker = 'nothing';

INSERT INTO everything SET marker = 'ordinary',
  an_int1 = 3, an_int1_u = 3, a_flag = 1, an_int2 = 3, an_int2_u = 3, an_int3 = 3, an_int3_u = 3, an_int4 = 3,
  an_int4_u = 3, an_int4_z = 42, an_int8 = 3, an_int8_u = 3,
  a_decimal = 3, a_price = 1234.50, a_count = 3, a_float = 0.1, a_float_u = 16777216, a_double = 0.1, a_double_d = 1.5,
  a_bit1 = b'1', a_bit8 = b'1010', a_bit64 = 3,
  a_binary = 'ab', a_varbinary = 'ab', a_tinyblob = 'ab', a_blob = 'ab', a_mediumblob = 'ab', a_longblob = 'ab',
  a_char = 'plain', a_char_3 = 'plain', a_char_1 = 'plain', a_varchar = 'plain', a_varchar_3 = 'plain',
  a_varchar_1 = 'plain', a_varchar_16 = 'plain', a_tinytext = 'plain', a_text = 'plain', a_text_3 = 'plain',
  a_text_1 = 'plain', a_mediumtext = 'plain', a_longtext = 'plain',
  an_enum = 'extra large', an_enum_1 = 'a', a_set = 'red,größe', a_json = '{"a": 1}',
  a_date = '2026-01-15', a_datetime = '2026-01-15 02:00:00', a_datetime6 = '2026-01-15 23:59:59.999999',
  a_timestamp = '2026-01-15 02:00:00', a_timestamp3 = '2026-01-15 02:00:00.007', a_time = '09:30:00',
  a_time6 = '09:30:00.000001', a_year = 2026, a_point = ST_PointFromText('POINT(77.2 28.6)'),
  a_geometry = ST_GeomFromText('LINESTRING(0 0, 1 -1, 2.5 2)'),
  a_uuid = '123e4567-e89b-12d3-a456-426655440000', an_inet4 = '192.168.1.1', an_inet6 = '2001:db8::ff00:42:8329';

INSERT INTO everything SET marker = 'lowest',
  an_int1 = -128, an_int1_u = 0, a_flag = -128, an_int2 = -32768, an_int2_u = 0, an_int3 = -8388608, an_int3_u = 0,
  an_int4 = -2147483648, an_int4_u = 0, an_int4_z = 0, an_int8 = -9223372036854775808, an_int8_u = 0,
  a_decimal = -99999999999999999999999999999999999.999999999999999999999999999999, a_price = -99999999.99, a_count = 0,
  a_float = -3.4028234663852886e38, a_float_u = 0, a_double = -1.7976931348623157e308, a_double_d = -999999999.999,
  a_bit1 = 0, a_bit8 = 0, a_bit64 = 0,
  a_binary = '', a_varbinary = '', a_tinyblob = '', a_blob = '', a_mediumblob = '', a_longblob = '',
  a_char = '', a_char_3 = '', a_char_1 = '', a_varchar = '', a_varchar_3 = '', a_varchar_1 = '', a_varchar_16 = '',
  a_tinytext = '', a_text = '', a_text_3 = '', a_text_1 = '', a_mediumtext = '', a_longtext = '',
  an_enum = 'small', an_enum_1 = 'a', a_set = '', a_json = 'null',
  a_date = '0000-00-00', a_datetime = '0000-00-00 00:00:00', a_datetime6 = '0000-00-00 00:00:00',
  a_timestamp = '0000-00-00 00:00:00', a_timestamp3 = '1970-01-01 05:30:00.001', a_time = '-838:59:59',
  a_time6 = '-838:59:59.000000', a_year = 0, a_point = ST_PointFromText('POINT(-180 -90)', 4326),
  a_geometry = ST_GeomFromText('POINT(0 0)'),
  a_uuid = '00000000-0000-0000-0000-000000000000', an_inet4 = '0.0.0.0', an_inet6 = '::';

INSERT INTO everything SET marker = 'highest',
  an_int1 = 127, an_int1_u = 255, a_flag = 127, an_int2 = 32767, an_int2_u = 65535, an_int3 = 8388607,
  an_int3_u = 16777215, an_int4 = 2147483647, an_int4_u = 4294967295, an_int4_z = 4294967295,
  an_int8 = 9223372036854775807, an_int8_u = 18446744073709551615,
  a_decimal = 99999999999999999999999999999999999.999999999999999999999999999999, a_price = 99999999.99,
  a_count = 99999999999999999999, a_float = 3.4028234663852886e38, a_float_u = 3.4028234663852886e38,
  a_double = 1.7976931348623157e308, a_double_d = 999999999.999,
  a_bit1 = 1, a_bit8 = 255, a_bit64 = 18446744073709551615,
  a_binary = x'FFFFFFFFFFFFFFFF', a_varbinary = REPEAT(x'FF', 300), a_tinyblob = REPEAT(x'FE', 255),
  a_blob = REPEAT(x'00FF0A22', 2000), a_mediumblob = REPEAT('m', 5000), a_longblob = REPEAT(x'80', 5000),
  a_char = REPEAT('😀', 20), a_char_3 = REPEAT('€', 20), a_char_1 = REPEAT('ÿ', 20),
  a_varchar = REPEAT('😀', 200), a_varchar_3 = REPEAT('€', 200), a_varchar_1 = REPEAT('ÿ', 200),
  a_varchar_16 = REPEAT('😀', 200), a_tinytext = REPEAT('é', 127), a_text = REPEAT('日本語', 800),
  a_text_3 = REPEAT('€', 900), a_text_1 = REPEAT('ÿ', 900), a_mediumtext = REPEAT('😀', 500),
  a_longtext = REPEAT('long ', 900),
  an_enum = 'größe', an_enum_1 = 'é', a_set = 'red,light blue,größe', a_json = '[18446744073709551615, 1e308, "😀"]',
  a_date = '9999-12-31', a_datetime = '9999-12-31 23:59:59', a_datetime6 = '9999-12-31 23:59:59.999999',
  a_timestamp = '2038-01-19 08:44:07', a_timestamp3 = '2038-01-19 08:44:07.999', a_time = '838:59:59',
  a_time6 = '838:59:58.999999', a_year = 2155,
  a_point = ST_PointFromText('POINT(1.7976931348623157e308 -2.2250738585072014e-308)'),
  a_geometry = ST_GeomFromText('MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))'),
  a_uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff', an_inet4 = '255.255.255.255',
  an_inet6 = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

INSERT INTO everything SET marker = 'strange',
  an_int1 = -1, a_flag = 2, an_int4_z = 7, an_int8 = 9007199254740993, an_int8_u = 9223372036854775808,
  a_decimal = 0.000000000000000000000000000001, a_price = -0.01, a_count = 18446744073709551616,
  a_float = 1.401298464324817e-45, a_float_u = 0.30000001192092896, a_double = 4.9406564584124654e-324,
  a_double_d = -0.001, a_bit64 = 9223372036854775808,
  a_binary = x'0000610000', a_varbinary = x'000D0A275C22', a_tinyblob = x'00', a_blob = x'C328', a_mediumblob = x'EFBBBF',
  a_longblob = x'00000000',
  a_char = 'it''s "q" \\ %_', a_char_3 = 'tab\there', a_char_1 = 'naïve €',
  a_varchar = 'null\0inside', a_varchar_3 = 'trailing   ', a_varchar_1 = '  both  ', a_varchar_16 = '\0',
  a_tinytext = 'line\r\nline\n', a_text = CONCAT('e', _utf8mb4 x'CC81', ' ', _utf8mb4 x'E280A8', ' ', _utf8mb4 x'EFBBBF', ' \\u0041 </script> $1'),
  a_text_3 = _utf8mb3 x'EFBFBF00EFBFBD',
  a_text_1 = _latin1 x'0102030405060708090A0B0C0D0E0F1F7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0FF00',
  a_mediumtext = 'NULL', a_longtext = '0',
  an_enum = 'it''s', an_enum_1 = 'é', a_set = 'light blue',
  a_json = '{"b" : 1.0,"a":[ ],"a":{"\\u0000":"\\ud83d\\ude00"} ,  "n":12345678901234567890.10}',
  a_date = '2024-02-29', a_datetime = '2026-00-00 12:00:00', a_datetime6 = '0001-01-01 00:00:00.000001',
  a_timestamp = '1970-01-01 05:30:01', a_timestamp3 = '2025-10-26 06:30:00.120', a_time = '-00:00:01', a_time6 = '26:00:00.5',
  a_year = 1901, a_point = ST_PointFromText('POINT(0.1 -0.0)'),
  a_geometry = ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(0 0, 1 1))'),
  a_uuid = 'AAAAAAAA-BBBB-1CCC-8DDD-EEEEEEEEEEEE', an_inet4 = '10.0.0.255', an_inet6 = '::ffff:192.168.0.1';

-- What MySQL keeps of a value that is no member, and days that do not exist. Nobody can write them on purpose.
INSERT INTO everything SET marker = 'impossible', an_enum = 'gigantic', an_enum_1 = 'b', a_date = '2026-02-31',
  a_datetime6 = '2025-02-29 00:00:00.5';

INSERT INTO keyed (number, bytes, word, moment, amount, marker) VALUES
  (0, '', '', '0000-00-00 00:00:00', 0, 'lowest'),
  (18446744073709551615, REPEAT(x'FF', 12), REPEAT('😀', 40), '9999-12-31 23:59:59.999999', 9999999999999999.9999, 'highest'),
  (9223372036854775808, x'00', 'Word', '2026-01-15 02:00:00.5', 1.5, 'upper'),
  (9223372036854775808, x'00', 'word', '2026-01-15 02:00:00.5', 1.5, 'lower'),
  (9223372036854775807, x'0041', 'it''s ["a"]\\', '2024-02-29 00:00:00', -0.0001, 'strange');
