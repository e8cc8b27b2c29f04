BEGIN TRANSACTION;
CREATE TABLE "_llm_migrations" (
   "name" TEXT PRIMARY KEY,
   "applied_at" TEXT
);
INSERT INTO "_llm_migrations" VALUES('m001_initial','2026-11-26 09:34:06.439753+00:00');
INSERT INTO "_llm_migrations" VALUES('m002_id_primary_key','2026-11-26 09:34:06.475532+00:00');
INSERT INTO "_llm_migrations" VALUES('m003_chat_id_foreign_key','2026-11-26 09:34:06.546736+00:00');
INSERT INTO "_llm_migrations" VALUES('m004_column_order','2026-11-26 09:34:06.595547+00:00');
INSERT INTO "_llm_migrations" VALUES('m004_drop_provider','2026-11-26 09:34:06.637559+00:00');
INSERT INTO "_llm_migrations" VALUES('m005_debug','2026-11-26 09:34:06.675909+00:00');
INSERT INTO "_llm_migrations" VALUES('m006_new_logs_table','2026-11-26 09:34:06.751484+00:00');
INSERT INTO "_llm_migrations" VALUES('m007_finish_logs_table','2026-11-26 09:34:06.803555+00:00');
INSERT INTO "_llm_migrations" VALUES('m008_reply_to_id_foreign_key','2026-11-26 09:34:06.855642+00:00');
INSERT INTO "_llm_migrations" VALUES('m008_fix_column_order_in_logs','2026-11-26 09:34:06.887562+00:00');
INSERT INTO "_llm_migrations" VALUES('m009_delete_logs_table_if_empty','2026-11-26 09:34:06.913448+00:00');
INSERT INTO "_llm_migrations" VALUES('m010_create_new_log_tables','2026-11-26 09:34:06.955135+00:00');
INSERT INTO "_llm_migrations" VALUES('m012_attachments_tables','2026-11-26 09:34:07.063982+00:00');
INSERT INTO "_llm_migrations" VALUES('m013_usage','2026-11-26 09:34:07.114309+00:00');
INSERT INTO "_llm_migrations" VALUES('m014_schemas','2026-11-26 09:34:07.219676+00:00');
INSERT INTO "_llm_migrations" VALUES('m015_fragments_tables','2026-11-26 09:34:07.270938+00:00');
INSERT INTO "_llm_migrations" VALUES('m016_fragments_table_pks','2026-11-26 09:34:07.311014+00:00');
INSERT INTO "_llm_migrations" VALUES('m017_tools_tables','2026-11-26 09:34:07.383469+00:00');
INSERT INTO "_llm_migrations" VALUES('m017_tools_plugin','2026-11-26 09:34:07.411452+00:00');
INSERT INTO "_llm_migrations" VALUES('m018_tool_instances','2026-11-26 09:34:07.471950+00:00');
INSERT INTO "_llm_migrations" VALUES('m019_resolved_model','2026-11-26 09:34:07.479435+00:00');
INSERT INTO "_llm_migrations" VALUES('m020_tool_results_attachments','2026-11-26 09:34:07.497442+00:00');
INSERT INTO "_llm_migrations" VALUES('m021_tool_results_exception','2026-11-26 09:34:07.519476+00:00');
CREATE TABLE "attachments" (
   "id" TEXT PRIMARY KEY,
   "type" TEXT,
   "path" TEXT,
   "url" TEXT,
   "content" BLOB
);
INSERT INTO "attachments" VALUES('4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6','image/png','/home/me/0.28/sky.png',NULL,NULL);
CREATE TABLE "conversations" (
   "id" TEXT PRIMARY KEY,
   "name" TEXT,
   "model" TEXT
);
INSERT INTO "conversations" VALUES('01m8bk915m9f6p25f1a4e8javs','plain one','echo');
INSERT INTO "conversations" VALUES('01m8bk917ne29z70cemcpjq5t7','It was a dark night. with a fra…','echo');
INSERT INTO "conversations" VALUES('01m8bk919nt6ngx9zmpectesh2','use the tool','echo');
INSERT INTO "conversations" VALUES('01m8bk91db65xp4yqg5za8hax1','with a picture','echo');
INSERT INTO "conversations" VALUES('01m8bk91f8r1y3wq1xwtjes45p','a name','echo');
INSERT INTO "conversations" VALUES('01m8bk91gts082naa50816fr5j','think','echo');
CREATE TABLE "fragment_aliases" (
   "alias" TEXT PRIMARY KEY,
   "fragment_id" INTEGER REFERENCES "fragments"("id")
);
CREATE TABLE "fragments" (
   "id" INTEGER PRIMARY KEY,
   "hash" TEXT,
   "content" TEXT,
   "datetime_utc" TEXT,
   "source" TEXT
);
INSERT INTO "fragments" VALUES(1,'083f3c0fe753704926c281bbe65f1a87d64a3ddca7cc2c8acd1add7107a44757','It was a dark night.','2026-11-26 09:34:07','/home/me/0.28/novel.txt');
INSERT INTO "fragments" VALUES(2,'514d1441ab8fb52369265eecb1907cda71aed1a114aa51e331eb1d7a7441c1d0','Always rhyme.','2026-11-26 09:34:07','/home/me/0.28/rules.txt');
CREATE TABLE "prompt_attachments" (
   "response_id" TEXT REFERENCES "responses"("id"),
   "attachment_id" TEXT REFERENCES "attachments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("response_id", "attachment_id")
);
INSERT INTO "prompt_attachments" VALUES('01m8bk91da8kpdds42w1n6tk0w','4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6',0);
CREATE TABLE "prompt_fragments" (
   "response_id" TEXT REFERENCES "responses"("id"),
   "fragment_id" INTEGER REFERENCES "fragments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("response_id", "fragment_id", "order")
);
INSERT INTO "prompt_fragments" VALUES('01m8bk917ne29z70cemcpjq5t6',1,0);
CREATE TABLE "responses" (
   "id" TEXT PRIMARY KEY,
   "model" TEXT,
   "prompt" TEXT,
   "system" TEXT,
   "prompt_json" TEXT,
   "options_json" TEXT,
   "response" TEXT,
   "response_json" TEXT,
   "conversation_id" TEXT REFERENCES "conversations"("id"),
   "duration_ms" INTEGER,
   "datetime_utc" TEXT,
   "input_tokens" INTEGER,
   "output_tokens" INTEGER,
   "token_details" TEXT,
   "schema_id" TEXT REFERENCES "schemas"("id")
, "resolved_model" TEXT);
INSERT INTO "responses" VALUES('01m8bk915kyf1v8b0g8xa8ctbn','echo','plain one','Be short.',NULL,'{"warmth": 0.5}','You said: plain one',NULL,'01m8bk915m9f6p25f1a4e8javs',0,'2026-11-26T09:34:07.540024+00:00',3,4,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk916wwn9r2m9zg9rs9kgd','echo','plain two','Be long.',NULL,'{}','You said: plain two',NULL,'01m8bk915m9f6p25f1a4e8javs',0,'2026-11-26T09:34:07.580151+00:00',3,4,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk917ne29z70cemcpjq5t6','echo','with a fragment','Be kind.',NULL,'{}','You said: with a fragment',NULL,'01m8bk917ne29z70cemcpjq5t7',0,'2026-11-26T09:34:07.605095+00:00',3,4,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk919pmseth7wbpfrc0n5n','echo','use the tool',NULL,NULL,'{}','Looking. ',NULL,'01m8bk919nt6ngx9zmpectesh2',0,'2026-11-26T09:34:07.670999+00:00',3,4,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk919qahfgrrn1fjrn6883','echo','',NULL,NULL,'{}','Found: Bern is sunny',NULL,'01m8bk919nt6ngx9zmpectesh2',0,'2026-11-26T09:34:07.671048+00:00',3,4,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk91da8kpdds42w1n6tk0w','echo','with a picture',NULL,NULL,'{}','You said: with a picture',NULL,'01m8bk91db65xp4yqg5za8hax1',0,'2026-11-26T09:34:07.786996+00:00',3,4,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('01m8bk91f7jqtgpcae646sdqc9','echo','a name',NULL,NULL,'{}','You said: a name',NULL,'01m8bk91f8r1y3wq1xwtjes45p',0,'2026-11-26T09:34:07.847919+00:00',3,4,NULL,'480484e4bbf53e5e5f0a65b753270ae7',NULL);
INSERT INTO "responses" VALUES('01m8bk91gts082naa50816fr5h','echo','think',NULL,NULL,'{}','You said: think',NULL,'01m8bk91gts082naa50816fr5j',0,'2026-11-26T09:34:07.898329+00:00',3,4,NULL,NULL,NULL);
CREATE TABLE "schemas" (
   "id" TEXT PRIMARY KEY,
   "content" TEXT
);
INSERT INTO "schemas" VALUES('480484e4bbf53e5e5f0a65b753270ae7','{"type":"object","properties":{"name":{"type":"string","description":"the name"}},"required":["name"]}');
CREATE TABLE "system_fragments" (
   "response_id" TEXT REFERENCES "responses"("id"),
   "fragment_id" INTEGER REFERENCES "fragments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("response_id", "fragment_id", "order")
);
INSERT INTO "system_fragments" VALUES('01m8bk917ne29z70cemcpjq5t6',2,0);
CREATE TABLE "tool_calls" (
   "id" INTEGER PRIMARY KEY,
   "response_id" TEXT REFERENCES "responses"("id"),
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "name" TEXT,
   "arguments" TEXT,
   "tool_call_id" TEXT
);
INSERT INTO "tool_calls" VALUES(1,'01m8bk919pmseth7wbpfrc0n5n',1,'look','{"place": "Bern"}','call-1');
CREATE TABLE "tool_instances" (
   "id" INTEGER PRIMARY KEY,
   "plugin" TEXT,
   "name" TEXT,
   "arguments" TEXT
);
CREATE TABLE "tool_responses" (
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "response_id" TEXT REFERENCES "responses"("id"),
   PRIMARY KEY ("tool_id", "response_id")
);
INSERT INTO "tool_responses" VALUES(1,'01m8bk919pmseth7wbpfrc0n5n');
INSERT INTO "tool_responses" VALUES(1,'01m8bk919qahfgrrn1fjrn6883');
CREATE TABLE "tool_results" (
   "id" INTEGER PRIMARY KEY,
   "response_id" TEXT REFERENCES "responses"("id"),
   "tool_id" INTEGER REFERENCES "tools"("id"),
   "name" TEXT,
   "output" TEXT,
   "tool_call_id" TEXT,
   "instance_id" INTEGER REFERENCES "tool_instances"("id")
, "exception" TEXT);
INSERT INTO "tool_results" VALUES(1,'01m8bk919qahfgrrn1fjrn6883',1,'look','Bern is sunny','call-1',NULL,NULL);
CREATE TABLE "tool_results_attachments" (
   "tool_result_id" INTEGER REFERENCES "tool_results"("id"),
   "attachment_id" TEXT REFERENCES "attachments"("id"),
   "order" INTEGER,
   PRIMARY KEY ("tool_result_id", "attachment_id")
);
CREATE TABLE "tools" (
   "id" INTEGER PRIMARY KEY,
   "hash" TEXT,
   "name" TEXT,
   "description" TEXT,
   "input_schema" TEXT
, "plugin" TEXT);
INSERT INTO "tools" VALUES(1,'97a77e65c5f93e864796a121d29f2e148f340981a04dd9bc212e11fd1bea67ad','look',NULL,'{"properties": {"place": {"type": "string"}}, "required": ["place"], "type": "object"}',NULL);
CREATE UNIQUE INDEX "idx_fragments_hash"
    ON "fragments" ("hash");
CREATE UNIQUE INDEX "idx_tools_hash"
    ON "tools" ("hash");
COMMIT;
