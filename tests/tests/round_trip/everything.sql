/*M!999999\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: t
-- ------------------------------------------------------
-- Server version	10.11.19-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;

--
-- Table structure for table `api_tokens`
--

DROP TABLE IF EXISTS `api_tokens`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `api_tokens` (
  `token` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `expires_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`token`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Table structure for table `everything`
--

DROP TABLE IF EXISTS `everything`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `everything` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `marker` varchar(60) NOT NULL,
  `an_int1` tinyint(4) DEFAULT NULL,
  `an_int1_u` tinyint(3) unsigned DEFAULT NULL,
  `a_flag` tinyint(1) DEFAULT NULL,
  `an_int2` smallint(6) DEFAULT NULL,
  `an_int2_u` smallint(5) unsigned DEFAULT NULL,
  `an_int3` mediumint(9) DEFAULT NULL,
  `an_int3_u` mediumint(8) unsigned DEFAULT NULL,
  `an_int4` int(11) DEFAULT NULL,
  `an_int4_u` int(10) unsigned DEFAULT NULL,
  `an_int4_z` int(8) unsigned zerofill DEFAULT NULL,
  `an_int8` bigint(20) DEFAULT NULL,
  `an_int8_u` bigint(20) unsigned DEFAULT NULL,
  `a_decimal` decimal(65,30) DEFAULT NULL,
  `a_price` decimal(10,2) DEFAULT NULL,
  `a_count` decimal(20,0) unsigned DEFAULT NULL,
  `a_float` float DEFAULT NULL,
  `a_float_u` float unsigned DEFAULT NULL,
  `a_double` double DEFAULT NULL,
  `a_double_d` double(12,3) DEFAULT NULL,
  `a_bit1` bit(1) DEFAULT NULL,
  `a_bit8` bit(8) DEFAULT NULL,
  `a_bit64` bit(64) DEFAULT NULL,
  `a_binary` binary(8) DEFAULT NULL,
  `a_varbinary` varbinary(300) DEFAULT NULL,
  `a_tinyblob` tinyblob DEFAULT NULL,
  `a_blob` blob DEFAULT NULL,
  `a_mediumblob` mediumblob DEFAULT NULL,
  `a_longblob` longblob DEFAULT NULL,
  `a_char` char(20) DEFAULT NULL,
  `a_char_3` char(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `a_char_1` char(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL,
  `a_varchar` varchar(200) DEFAULT NULL,
  `a_varchar_3` varchar(200) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `a_varchar_1` varchar(200) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL,
  `a_varchar_16` varchar(200) CHARACTER SET utf16 COLLATE utf16_general_ci DEFAULT NULL,
  `a_tinytext` tinytext DEFAULT NULL,
  `a_text` text DEFAULT NULL,
  `a_text_3` text CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci DEFAULT NULL,
  `a_text_1` text CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL,
  `a_mediumtext` mediumtext DEFAULT NULL,
  `a_longtext` longtext DEFAULT NULL,
  `an_enum` enum('small','extra large','it''s','größe') DEFAULT NULL,
  `an_enum_1` enum('a','é') CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL,
  `a_set` set('red','light blue','größe') DEFAULT NULL,
  `a_json` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`a_json`)),
  `a_date` date DEFAULT NULL,
  `a_datetime` datetime DEFAULT NULL,
  `a_datetime6` datetime(6) DEFAULT NULL,
  `a_timestamp` timestamp NULL DEFAULT NULL,
  `a_timestamp3` timestamp(3) NULL DEFAULT NULL,
  `a_time` time DEFAULT NULL,
  `a_time6` time(6) DEFAULT NULL,
  `a_year` year(4) DEFAULT NULL,
  `a_point` point DEFAULT NULL,
  `a_geometry` geometry DEFAULT NULL,
  `a_uuid` uuid DEFAULT NULL,
  `an_inet4` inet4 DEFAULT NULL,
  `an_inet6` inet6 DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Table structure for table `keyed`
--

DROP TABLE IF EXISTS `keyed`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `keyed` (
  `number` bigint(20) unsigned NOT NULL,
  `bytes` varbinary(12) NOT NULL,
  `word` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `moment` datetime(6) NOT NULL,
  `amount` decimal(20,4) NOT NULL,
  `marker` varchar(60) NOT NULL,
  PRIMARY KEY (`number`,`bytes`,`word`,`moment`,`amount`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed
