CREATE TABLE branches (
  branch_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  branch_name varchar(60) NOT NULL
);
CREATE TABLE patients (
  patient_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  branch_id int DEFAULT NULL,
  patient_name varchar(80) NOT NULL,
  patient_uid varchar(20) DEFAULT NULL,
  notes mediumtext DEFAULT NULL,
  phone varchar(20) DEFAULT NULL,
  advice varchar(200) DEFAULT NULL,
  referred_by int DEFAULT NULL,
  UNIQUE KEY patient_uid (patient_uid),
  CONSTRAINT fk_branch FOREIGN KEY (branch_id) REFERENCES branches (branch_id),
  CONSTRAINT fk_referred FOREIGN KEY (referred_by) REFERENCES patients (patient_id) ON DELETE SET NULL
);
CREATE TABLE payments (
  payment_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  patient_id int NOT NULL,
  amount decimal(10,2) NOT NULL,
  note varchar(100) DEFAULT NULL,
  CONSTRAINT fk_patient FOREIGN KEY (patient_id) REFERENCES patients (patient_id)
);
CREATE TABLE attendance (
  patient_id int NOT NULL,
  visit_no int NOT NULL,
  finding varchar(200) DEFAULT NULL,
  PRIMARY KEY (patient_id, visit_no),
  CONSTRAINT fk_visit FOREIGN KEY (patient_id) REFERENCES patients (patient_id) ON DELETE CASCADE
);
CREATE TABLE visit_notes (
  note_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  patient_id int NOT NULL,
  visit_no int NOT NULL,
  note_text varchar(100) NOT NULL,
  CONSTRAINT fk_noted FOREIGN KEY (patient_id, visit_no) REFERENCES attendance (patient_id, visit_no) ON DELETE CASCADE
);
CREATE TABLE system_settings (
  setting_key varchar(20) NOT NULL PRIMARY KEY,
  setting_value varchar(100) DEFAULT NULL
);
CREATE TABLE tests (
  test_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  patient_id int NOT NULL,
  test_name varchar(60) NOT NULL,
  CONSTRAINT fk_tested FOREIGN KEY (patient_id) REFERENCES patients (patient_id)
);
